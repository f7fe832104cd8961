"""Where the GPU machine comes from: EC2, a second process on this computer, or nowhere."""
