"""caseapp: follow-up of joint work around young people in SIG and SSPF teams."""
