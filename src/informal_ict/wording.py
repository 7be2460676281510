"""Numbers as APA style writes them."""


def p_value(p: float) -> str:
    """'p = .021', without the leading zero; 'p < .001' below that."""
    return "p < .001" if p < 0.001 else f"p = {leading_point(p, 3)}"


def leading_point(value: float, decimals: int) -> str:
    """A number that cannot exceed 1, without its leading zero: .32."""
    return f"{value:.{decimals}f}".removeprefix("0")


def chi_square(chi2: float, df: int, n: int) -> str:
    """'χ²(8, N = 1,224) = 126.834'."""
    return f"χ²({df}, N = {n:,}) = {chi2:.3f}"
