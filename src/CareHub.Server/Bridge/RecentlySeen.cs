namespace CareHub.Server.Bridge;

/// <summary>Remembers a bounded number of keys; at the bound it begins anew, so that something is at worst said twice.</summary>
internal sealed class RecentlySeen(int keysMax)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public void Remove(string key)
    {
        lock (_keys)
        {
            _keys.Remove(key);
        }
    }

    /// <summary>True the first time.</summary>
    public bool Add(string key)
    {
        lock (_keys)
        {
            if (_keys.Count >= keysMax)
            {
                _keys.Clear();
            }

            return _keys.Add(key);
        }
    }
}
