"""The page 原文对照: an official text sentence by sentence with the obligations beside it; its import and its download."""
