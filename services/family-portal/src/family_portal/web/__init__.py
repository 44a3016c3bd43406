"""The pages: frame, templates' models, static pages, charts and the routes that fill them."""
