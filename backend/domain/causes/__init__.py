"""Why a pattern became slower: causes that the facts of its case file speak for or against."""
