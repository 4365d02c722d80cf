"""Run pairs carried out: by whom, under which placements of the context, and with what going wrong."""
