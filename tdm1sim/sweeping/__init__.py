"""Many points around one scenario: what to vary, each finished point kept, the same bytes whoever computes. Floor 6."""
