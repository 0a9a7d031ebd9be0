"""Pages of what is carried to the door: registers with page codes, a customer's sheets, high-end list, estates, scripts."""
