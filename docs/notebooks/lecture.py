# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # A lecture in ten figures
#
# How T-DM1 kills HER2-positive cells, and how they escape. Every title is a finding with the run's own numbers: run it
# with other values and the titles change. Ask the question first, then show the figure.
#
# Open it with `jupytext --to ipynb lecture.py` or in any editor that knows `# %%` cells. A teaching and research tool,
# never clinical advice.

# %%
# %matplotlib inline
from tdm1sim import load_scenario, simulate
from tdm1sim.figures import FIGURES, page

SIZE = ["tumour.cells=300", "run.replicates=2"]
shown = {}


def show(name, results):
    """Return a figure and keep its finding."""
    shown[f"{len(shown) + 1} {name}"] = FIGURES[name].title(results)
    return page(name, results)


# %% [markdown]
# ## One dose in a HER2-positive tumour

# %%
positive = simulate(load_scenario("her2_positive", [*SIZE, "record.attribution=true", "record.traces=100"]))

# %% [markdown]
# **1. What has to happen before a molecule of DM1 reaches tubulin?**

# %%
show("mechanism", positive)

# %% [markdown]
# **2. How much of what is in plasma is free around the cells?** Most people expect a tenth.

# %%
show("exposure", positive)

# %% [markdown]
# **3. In which pool does most of the drug wait?**

# %%
show("drug_path", positive)

# %% [markdown]
# **4. Three cells of one tumour: why three fates?**

# %%
show("three_lives", positive)

# %% [markdown]
# **5. How far apart are the cells of one tumour?** Bands are the model's thresholds: fate follows them by construction.

# %%
show("dm1_bands", positive)

# %% [markdown]
# **6. Is a cell with more HER2 always worse off?**

# %%
show("cell_scatter", positive)

# %% [markdown]
# **7. What are there more of after three weeks, dead cells or living ones?**

# %%
show("fates", positive)

# %% [markdown]
# **8. Which of payload, HER2 blockade and ADCC does the work?** The shares depend on numbers nobody measured (assumed).

# %%
show("attribution", positive)

# %% [markdown]
# ## Resistance
#
# **9. Which clone is left after six cycles?** Folds were chosen; heights do not rank mechanisms.

# %%
mixed = simulate(load_scenario("mixed_resistance", SIZE))
show("clones", mixed)

# %% [markdown]
# **10. And if MDR1 is ten times normal?** The fates again, in another tumour.

# %%
resistant = simulate(load_scenario("mdr1_high", SIZE))
show("fates", resistant)

# %% [markdown]
# ## The findings in one place

# %%
for name, finding in shown.items():
    print(f"{name}: {finding}")
