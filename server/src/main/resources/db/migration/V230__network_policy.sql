-- Rules of a list that is read from the top, and rules for some ports only.
alter table egress_rules
  add column ports int[] not null default '{}',
  add column position int;
