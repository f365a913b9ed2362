create table crm.customer_segments as
select s.customer_id, s.segment_code, s.score, s.valid_from, s.valid_to, s.model_version
from science.segment_scores s
where s.scored_on = '$day'
