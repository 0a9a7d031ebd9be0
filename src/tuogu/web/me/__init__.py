"""One's own account: sign-in, second factor, language, theme, what is left of today's quota."""
