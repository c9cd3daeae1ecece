namespace CareHub.Server.Ingest;

/// <summary>
/// A dictionary that forgets: at its bound the entries that were not touched since the last half was filled go. Strangers
/// cannot fill the memory, and who is active stays. Not safe for concurrent use.
/// </summary>
internal sealed class RecentBook<TKey, TValue>(int max)
    where TKey : notnull
    where TValue : class
{
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value))
        {
            return value;
        }

        if (_old.Remove(key, out value))
        {
            Put(key, value);
        }

        return value;
    }

    public TValue FindOrAdd(TKey key, Func<TValue> create)
    {
        if (Find(key) is { } found)
        {
            return found;
        }

        var value = create();
        Put(key, value);
        return value;
    }

    public void Put(TKey key, TValue value)
    {
        if (_young.Count >= max / 2 && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, []);
        }

        _young[key] = value;
    }

    public void Remove(TKey key)
    {
        _young.Remove(key);
        _old.Remove(key);
    }
}
