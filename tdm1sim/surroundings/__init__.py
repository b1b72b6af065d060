"""What the cells see: a patient's plasma and tumour, or a culture well. Floor 2."""
