namespace CareHub.Server.Metrics.Scrape;

/// <summary>One set of labels. Its numbers move without locks; a reader may see a bucket a moment before the sum.</summary>
internal sealed class Series(KeyValuePair<string, object?>[] tags, int bounds)
{
    private readonly long[] _buckets = new long[bounds + 1];
    private double _value;

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>The value, or the sum of a histogram.</summary>
    public double Value => Volatile.Read(ref _value);

    public long Bucket(int index) => Interlocked.Read(ref _buckets[index]);

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }

        for (var index = 0; index < others.Length; index++)
        {
            if (others[index].Key != tags[index].Key || !Equals(others[index].Value, tags[index].Value))
            {
                return false;
            }
        }

        return true;
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        double before;
        do
        {
            before = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, before + value, before) != before);
    }

    public void Observe(double value, double[] upTo)
    {
        var index = 0;
        while (index < upTo.Length && value > upTo[index])
        {
            index++;
        }

        Interlocked.Increment(ref _buckets[index]);
        Add(value);
    }
}
