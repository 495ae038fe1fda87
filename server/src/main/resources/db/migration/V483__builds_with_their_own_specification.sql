-- Whether a build was asked for with a specification of its own, which becomes that of the template
-- once it is ready; a plain one repeats what the template is built by, and decides nothing.
alter table sandbox_template_builds add column specifies boolean not null default true;
