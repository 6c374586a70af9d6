"""All benchmarks in one go: `make bench`. They need Java and Maven for the broker."""

from tests.bench import cap, flood, latency, pack, rates, start, year

__all__: list[str] = []

if __name__ == "__main__":
    cap.main()
    pack.main()
    year.main()
    latency.main()
    flood.main()
    start.main()
    rates.main()
