"""The pages of a person at customers' doors: today, my customers, one of them, my months. Light; no script is needed."""
