import os

# ONNX Runtime reports its use to its maker unless this stands here before it is first loaded, also
# by a library that only happens to have it (its Privacy.md, "Disabling Telemetry"). What is said
# here, and that it is said at all, is nobody's business.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
