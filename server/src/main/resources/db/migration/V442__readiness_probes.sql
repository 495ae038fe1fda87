-- The probe that a sandbox was created with, sealed, and why it did not pass in time. One that has passed has
-- ready_at; one that has neither is waited for, also by a server that starts again.
alter table sandboxes add column readiness_probe bytea, add column readiness_failure text;
