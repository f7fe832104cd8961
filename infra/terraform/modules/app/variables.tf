variable "project" { type = string }
variable "region" { type = string }
variable "role" { type = string }
variable "instance_type" { type = string }
variable "has_gpu" { type = bool }
variable "market" { type = string }
variable "spot_max_price" { type = string }
variable "subnet_id" { type = string }
variable "security_group_id" { type = string }
variable "instance_profile" { type = string }
variable "file_system_id" { type = string }
variable "access_point_id" { type = string }
variable "media_bucket" { type = string }
variable "key_name" { type = string }
variable "repository_url" { type = string }
variable "repository_ref" { type = string }
variable "image_registry" { type = string }
variable "tls" { type = bool }
variable "domain" { type = string }
variable "gpu_tag" { type = string }
variable "power_provider" { type = string }
variable "power_market" { type = string }
variable "app_hours" { type = string }
variable "skip_holidays" { type = bool }
variable "ami_parameter" { type = string }

variable "mail" {
  type = object({
    transport     = string
    from          = string
    smtp_host     = string
    smtp_port     = number
    smtp_security = string
    smtp_user     = string
  })
}
