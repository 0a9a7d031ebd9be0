from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "tuogu.books"
    label = "books"
