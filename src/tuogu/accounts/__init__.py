"""Sign-in accounts: which person of `org` comes in with which login. What a person may do is said by posts, not here."""
