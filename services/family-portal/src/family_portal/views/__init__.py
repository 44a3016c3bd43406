"""What each party reads: documents and items fed by events, opened only as far as the grants allow."""
