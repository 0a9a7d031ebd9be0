"""What keeps the installation honest: state of the ledger's seals and guards, the access log, the rulebook in force."""
