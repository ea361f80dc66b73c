"""Values as registers write them: text, codes, dates, numbers, angles."""
