variable "project" { type = string }
variable "subnet_ids" { type = list(string) }
variable "efs_security_group" { type = string }
variable "allowed_cors_origins" { type = list(string) }
