-- Sums by month and owner: a report over whole months adds up a thirtieth of the rows. Written in the
-- transaction that writes records and sums by day; '' for none.
create table usage_months (
  org text not null,
  month date not null,
  dimension text not null,
  workspace_id text not null,
  project_id text not null,
  external_workspace_id text not null,
  external_user_id text not null,
  external_project_id text not null,
  quantity bigint not null,
  cost_micros bigint not null,
  primary key (org, month, dimension, workspace_id, project_id, external_workspace_id, external_user_id,
    external_project_id)
) with (fillfactor = 70);
create index usage_months_user on usage_months (org, external_user_id, month) where external_user_id <> '';
select atoll_protect('usage_months');

insert into usage_months
select org, date_trunc('month', day)::date, dimension, workspace_id, project_id, external_workspace_id,
  external_user_id, external_project_id, sum(quantity), sum(cost_micros)
from usage_days group by 1, 2, 3, 4, 5, 6, 7, 8;

-- What a run has spent so far, when it gets a budget.
create index usage_records_run on usage_records (org, run_id) where run_id is not null;
