-- The port that was called, where the protocol does not say it.
alter table egress_audit add column port integer;
