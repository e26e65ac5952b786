"""The journal: every version that every audited row ever had, so that any past moment can be shown again."""
