-- What has each stage of the evaluation gathered, what does it need, and has it begun?
SELECT gate_label, n_now, n_now_marker, n_needed, open
FROM stage_gates_labelled
