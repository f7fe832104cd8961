variable "project" { type = string }
variable "roles" { type = map(string) }
variable "app_hours" { type = string }
variable "skip_holidays" { type = bool }
variable "archive" { type = string }
variable "role_arn" { type = string }
variable "invoker_arn" { type = string }
