variable "project" { type = string }
variable "region" { type = string }
variable "roles" { type = map(string) }
variable "media_bucket_arn" { type = string }
variable "file_system_arn" { type = string }
variable "access_point_arn" { type = string }

# The address that SES sends from; empty: it sends nothing.
variable "ses_sender" { type = string }
