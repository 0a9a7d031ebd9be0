"""The first page of each post: what needs attention, five figures, load by month, the buffer group."""
