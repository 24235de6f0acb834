"""Every sentence people see: values in, `Message` out. Block Kit and the terminal are renderers of the same `Message`."""
