"""``make bench``: every benchmark with its default size, one after the other."""

from benchmarks import attribute_values, checks, demo_job, facts, million_texts, nightly, search, translation

if __name__ == "__main__":
    for benchmark in (demo_job, search, checks, facts, attribute_values, translation, million_texts, nightly):
        print(f"\n## {benchmark.__name__}\n")
        benchmark.main()
