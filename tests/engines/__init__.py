"""The real inference engines that tests run: fetched or built once per machine, kept outside the checkout."""
