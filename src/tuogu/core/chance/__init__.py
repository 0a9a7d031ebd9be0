"""The chance of a renewal or of a repurchase: advice from a branch's own history, never a decision (P-07). ADR 9."""
