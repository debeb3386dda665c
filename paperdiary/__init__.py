"""Paper Diary: the Markdown you write about what you read, as a site you can explore."""

__version__ = "0.1.0"
