"""All benchmarks in one go: `make bench`. They need Java and Maven for the broker."""

from tests.bench import latency, pack, rates, start, year

__all__: list[str] = []

if __name__ == "__main__":
    pack.main()
    year.main()
    latency.main()
    start.main()
    rates.main()
