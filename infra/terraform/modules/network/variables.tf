variable "project" { type = string }
variable "region" { type = string }
variable "tls" { type = bool }
variable "allowed_cidrs" { type = list(string) }
variable "admin_cidrs" { type = list(string) }
