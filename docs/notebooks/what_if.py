# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # A what-if of your own
#
# What if MDR1 goes up ten-fold? The same tumour, the same luck, one number changed; then the difference with its
# interval, and what other values of the numbers nobody measured would say. Change `CHANGE` and run all cells again.
#
# Open it with `jupytext --to ipynb what_if.py` or in any editor that knows `# %%` cells. A teaching and research tool,
# never clinical advice.

# %%
# %matplotlib inline
from tdm1sim import load_scenario
from tdm1sim.comparing import changed, compare
from tdm1sim.figures.comparison import page

CHANGE = ["tumour.clones.main.mdr1=10"]
scenario = load_scenario("her2_positive", ["tumour.cells=200", "run.replicates=4", "run.seed=1"])

# %% [markdown]
# ## What differs
#
# Both arms follow one plan: the same seed, the same founders, the same luck for each cell.

# %%
arms = changed(scenario, CHANGE)
print(" and ".join(arms.names))

# %% [markdown]
# ## Run both, and draw the difference
#
# `uncertain=12` runs twelve further pairs, each with other assumed and calibrated values inside their bounds. Chance
# has a dark band, ignorance a lighter one.

# %%
comparison = compare(arms, uncertain=12)
page(comparison)

# %% [markdown]
# ## The difference in numbers
#
# The interval is for chance alone, over pairs of replicates. The other one says how far the answer moves with what
# nobody has measured: where it holds zero, the model does not know the sign.

# %%
(found,) = comparison.content["differences"]
living = found["cell_number_ratio"]
print(f"living cells per founder: {living['a']:.2f} and {living['b']:.2f}")
print(f"difference {living['mean']:.2f}, chance {living['low']:.2f} to {living['high']:.2f}")
print(f"ignorance {living['model_low']:.2f} to {living['model_high']:.2f}")

# %% [markdown]
# ## Is it real?
#
# The two uncertainties answer two questions. More replicates make the first smaller; only a measurement makes the
# second smaller. `tdm1sim sensitivity` says which measurement would.

# %%
sure = living["low"] > 0.0 or living["high"] < 0.0
known = living["model_low"] > 0.0 or living["model_high"] < 0.0
print(f"clear of chance: {'yes' if sure else 'no'}; clear of ignorance: {'yes' if known else 'no'}")
