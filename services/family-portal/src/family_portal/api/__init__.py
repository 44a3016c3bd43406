"""HTTP in, for programs: the role-scoped view, and what families and schools write back."""
