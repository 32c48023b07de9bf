"""The axis' doors: the VXP operations for systems, pages for the operator."""
