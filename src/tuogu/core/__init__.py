"""Pure planning core: tables in, tables out. No Django, files, network, clock or unseeded chance."""
