"""``make bench``: every benchmark with its default size, one after the other."""

from benchmarks import demo_job, search

if __name__ == "__main__":
    for benchmark in (demo_job, search):
        print(f"\n## {benchmark.__name__}\n")
        benchmark.main()
