"""``make bench``: every benchmark with its default size, one after the other."""

from benchmarks import checks, demo_job, facts, search, translation

if __name__ == "__main__":
    for benchmark in (demo_job, search, checks, facts, translation):
        print(f"\n## {benchmark.__name__}\n")
        benchmark.main()
