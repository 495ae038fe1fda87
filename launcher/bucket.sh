# shellcheck shell=bash
# Backups in a bucket of an S3 service.

is_s3() { [[ $1 == s3://* ]]; }

# s3_need ADDRESS SETTINGS
s3_need() {
  [[ $1 =~ ^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$ ]] || die "'$1' is no s3://bucket/prefix"
  [ -r "$2" ] || die "there is no $2, which says how the S3 service is reached" \
    '{"endpoint": "https://…", "access_key_id": "…", "secret_access_key": "…"}, chmod 600, or --s3-settings FILE'
}
