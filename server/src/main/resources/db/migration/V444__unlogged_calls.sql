-- How many more calls with the same action a sandbox made that are not in rows of their own.
alter table egress_audit add column unlogged bigint not null default 0;
