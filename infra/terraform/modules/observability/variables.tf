variable "project" { type = string }
variable "alarm_email" { type = string }
variable "monthly_budget_usd" { type = number }
variable "app_instance_id" { type = string }
variable "gpu_instance_id" { type = string }
variable "has_gpu_machine" { type = bool }
variable "undelivered_queue" { type = string }
