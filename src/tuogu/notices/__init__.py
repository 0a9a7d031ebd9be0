"""The 30-day clock of leavers: cases, letters, texts and WeCom messages with proof; contacts handed over.

Other rooms use `actions` and `queries`. A case ends by proof or stands in the red list.
"""
