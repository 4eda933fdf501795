"""Pictures drawn from code: what the workbook trains on where the real pictures cannot be had."""
